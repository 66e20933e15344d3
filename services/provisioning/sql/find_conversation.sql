SELECT refused_answer FROM provisioning.onboarding_conversations WHERE client_id = $1
