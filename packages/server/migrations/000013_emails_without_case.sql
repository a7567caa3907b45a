-- Addresses are compared as the codes of driver tokens are: ASCII alone is lowered, so every database and every program sees
-- the same ones as equal.
drop index users_by_email;
create unique index users_by_email on users (tenant_id, lower(email collate "C"));
