-- What events have told of a subscription, each in its place by when it was made, and what was settled before them
-- (core/subscription_history.hpp). Empty: nothing is known of it but the row.
ALTER TABLE billing_subscriptions ADD COLUMN history text NOT NULL DEFAULT '';
-- What it was for the history says better; instances of before still write it.
ALTER TABLE billing_subscriptions ALTER COLUMN awaited_status SET DEFAULT '';
