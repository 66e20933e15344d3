-- What a version was written over, and who chose the active one: the platform's seeds replace only what a seed chose.
ALTER TABLE template_versions ADD COLUMN based_on integer;
ALTER TABLE templates ADD COLUMN activated_by text NOT NULL DEFAULT 'seed';
ALTER TABLE templates ADD COLUMN activated_at timestamptz;
UPDATE templates SET activated_by = updated_by, activated_at = updated_at;
