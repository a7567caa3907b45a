-- What a station was told to connect with from now on (change_configuration of AuthorizationKey, SecurityProfile). Until it
-- does, what it had counts as well: it may not have heard, or take it at its next start only.
alter table charging_stations
  add column offered_password_hash text,
  add column offered_security_profile integer check (offered_security_profile between 0 and 3);

-- Parameters with a secret are not stored: only who orders, and who is told by the bus, knows them.
alter table remote_commands add column has_secret boolean not null default false;
