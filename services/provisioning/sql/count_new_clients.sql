SELECT count(*) FROM provisioning.onboarding_conversations WHERE is_new_client AND began_at > $1
