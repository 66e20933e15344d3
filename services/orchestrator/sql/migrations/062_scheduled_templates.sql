-- What a scheduled message is, for its end to be told without the catalog of templates: the template's own key, where
-- the request may have an alias, and its channel. '': it was scheduled before there were these columns.
ALTER TABLE scheduled_messages ADD COLUMN template_key text NOT NULL DEFAULT '', ADD COLUMN channel text NOT NULL DEFAULT '';
