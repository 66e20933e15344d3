// AWS account and region for ses and sns alike. The names are those that AWS's own SDKs read.
#pragma once
#include <string>

#include "service/settings.hpp"

namespace carillon::dispatcher::aws {

// Where credentials come from, in the order in which AWS's SDKs look. Profile files are not read.
enum class CredentialOrigin { NONE, KEYS, WEB_IDENTITY, CONTAINER, EC2 };

struct AwsSettings {
  std::string region = "us-east-1";  // AWS_REGION

  std::string access_key_id;      // AWS_ACCESS_KEY_ID
  std::string secret_access_key;  // AWS_SECRET_ACCESS_KEY
  std::string session_token;      // AWS_SESSION_TOKEN

  std::string web_identity_token_file;         // AWS_WEB_IDENTITY_TOKEN_FILE, read at every refresh
  std::string role_arn;                        // AWS_ROLE_ARN
  std::string role_session_name = "carillon";  // AWS_ROLE_SESSION_NAME
  std::string sts_base_url;                    // AWS_ENDPOINT_URL_STS, without a trailing slash; "" = the region's

  std::string container_url;         // AWS_CONTAINER_CREDENTIALS_FULL_URI, or made of ..._RELATIVE_URI
  std::string container_token;       // AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file;  // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, read at every refresh

  bool ec2_metadata = false;     // AWS_EC2_METADATA_ENABLED and not AWS_EC2_METADATA_DISABLED
  std::string ec2_metadata_url;  // AWS_EC2_METADATA_SERVICE_ENDPOINT, without a trailing slash

  static AwsSettings read(service::Settings& settings);
  CredentialOrigin origin() const;  // the first that anything is set for
  std::string missing() const;      // names of what that origin needs and has not, "" when nothing; asks nobody
  // "https://sns.us-east-1.amazonaws.com"; China and the European cloud have domains of their own.
  std::string endpoint(const std::string& service) const;
};

// Credentials come in the clear, so plain HTTP may only go to this machine and to the addresses that ECS and EKS serve
// them on; https may go anywhere. Pure.
bool may_serve_container_credentials(const std::string& url);

}  // namespace carillon::dispatcher::aws
