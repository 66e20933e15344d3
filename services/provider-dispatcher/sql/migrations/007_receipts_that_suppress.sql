-- A receipt that suppresses its recipient is another one than the same receipt without that: a provider that has given up on
-- a message may add later that it won't write there again. Of the receipts noted so far most kinds suppress;
-- UNDELIVERED (3) mostly does not.
ALTER TABLE noted_receipts ADD COLUMN suppresses boolean NOT NULL DEFAULT false;
UPDATE noted_receipts SET suppresses = true WHERE kind <> 3;
ALTER TABLE noted_receipts
  DROP CONSTRAINT noted_receipts_pkey, ADD PRIMARY KEY (message_id, attempt, kind, suppresses);

ALTER TABLE unmatched_receipts ADD COLUMN suppresses boolean NOT NULL GENERATED ALWAYS AS (suppress <> 0) STORED,
  DROP CONSTRAINT unmatched_receipts_pkey, ADD PRIMARY KEY (provider, provider_message_id, kind, suppresses);
