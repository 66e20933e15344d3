#include "provider-dispatcher/adapters/providers/aws/settings.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::aws {
namespace {

constexpr std::string_view container_base_url = "http://169.254.170.2";  // Amazon ECS
constexpr std::string_view ec2_metadata_base_url = "http://169.254.169.254";
constexpr std::string_view default_region = "us-east-1";
constexpr std::size_t region_chars_max = 32;
constexpr std::size_t session_name_chars_min = 2, session_name_chars_max = 64;  // STS, RoleSessionName

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// It becomes a part of host names.
std::string read_region(service::Settings& settings) {
  std::string region =
      settings.text("AWS_REGION", std::string(default_region), "Region of Amazon SES and SNS, for example eu-west-1");
  const bool is_label = region.size() <= region_chars_max && is_alphanumeric(region.front()) &&
                        std::all_of(region.begin(), region.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                        });
  if (is_label) return region;
  settings.error("AWS_REGION is not a region; write it as \"eu-west-1\"");
  return std::string(default_region);
}

void read_keys(AwsSettings& out, service::Settings& settings) {
  out.access_key_id = read_header_secret(settings, "AWS_ACCESS_KEY_ID",
                                         "Access key of AWS for ses and sns; goes before every other source");
  out.secret_access_key = settings.secret("AWS_SECRET_ACCESS_KEY", "Secret of AWS_ACCESS_KEY_ID");
  out.session_token = read_header_secret(settings, "AWS_SESSION_TOKEN", "Session token of a temporary access key");
}

void read_web_identity(AwsSettings& out, service::Settings& settings) {
  out.web_identity_token_file =
      settings.text("AWS_WEB_IDENTITY_TOKEN_FILE", "",
                    "File with the token that STS gives credentials of AWS_ROLE_ARN for; set by EKS");
  out.role_arn = settings.text("AWS_ROLE_ARN", "", "Role that is taken with AWS_WEB_IDENTITY_TOKEN_FILE");
  out.role_session_name =
      settings.text("AWS_ROLE_SESSION_NAME", "carillon", "Name of the session in AWS's logs, 2 to 64 characters");
  const bool usable = out.role_session_name.size() >= session_name_chars_min &&
                      out.role_session_name.size() <= session_name_chars_max &&
                      std::all_of(out.role_session_name.begin(), out.role_session_name.end(), [](char c) {
                        return is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
                      });
  if (!usable) {
    settings.error("AWS_ROLE_SESSION_NAME must have 2 to 64 letters, digits or _+=,.@-");
    out.role_session_name = "carillon";
  }
  out.sts_base_url = without_trailing_slash(
      settings.url("AWS_ENDPOINT_URL_STS", "", "Where STS is; empty = https://sts.{AWS_REGION}.amazonaws.com"));
}

void read_container(AwsSettings& out, service::Settings& settings) {
  const std::string path = settings.text(
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "",
      "Path of the container's credentials at http://169.254.170.2; set by ECS, goes before the full one");
  const std::string url = settings.text("AWS_CONTAINER_CREDENTIALS_FULL_URI", "",
                                        "URL of the container's credentials; set by EKS Pod Identity and others");
  out.container_token = read_header_secret(settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                           "Authorization header for AWS_CONTAINER_CREDENTIALS_FULL_URI; a file is "
                                           "read anew at every refresh");
  out.container_token_file =
      settings.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "",
                    "File with AWS_CONTAINER_AUTHORIZATION_TOKEN; set by EKS Pod Identity, which changes its content");
  if (!path.empty()) {
    if (path.front() == '/' && !has_control_characters(path) && path.find(' ') == std::string::npos) {
      out.container_url = std::string(container_base_url) + path;
    } else {
      settings.error("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with /");
    }
  } else if (!url.empty()) {
    if (may_serve_container_credentials(url)) {
      out.container_url = url;
    } else {
      settings.error(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine, 169.254.170.2, 169.254.170.23 or "
          "[fd00:ec2::23]");
    }
  }
}

void read_ec2(AwsSettings& out, service::Settings& settings) {
  const bool enabled = settings.flag("AWS_EC2_METADATA_ENABLED", false,
                                     "Whether credentials come from the role of the EC2 instance (IMDSv2); it is asked "
                                     "for only then, since elsewhere nobody answers");
  const bool disabled = settings.flag("AWS_EC2_METADATA_DISABLED", false,
                                      "true: the EC2 instance is never asked, whatever AWS_EC2_METADATA_ENABLED says");
  out.ec2_metadata = enabled && !disabled;
  out.ec2_metadata_url =
      without_trailing_slash(settings.url("AWS_EC2_METADATA_SERVICE_ENDPOINT", std::string(ec2_metadata_base_url),
                                          "Where the EC2 instance's metadata are"));
}

}  // namespace

bool may_serve_container_credentials(const std::string& url) {
  static constexpr std::array<std::string_view, 5> hosts{"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                                         "localhost", "[::1]"};
  if (has_control_characters(url) || url.find_first_of(" \\#") != std::string::npos) return false;
  const bool tls = url.substr(0, 8) == "https://";
  if (!tls && url.substr(0, 7) != "http://") return false;
  const std::string_view rest = std::string_view(url).substr(tls ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
  if (tls) return true;
  const std::size_t host_end = authority.front() == '[' ? authority.find(']') + 1 : authority.find(':');
  const std::string_view host = authority.substr(0, host_end);
  if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) return true;
  // 127.0.0.0/8, written as four numbers: "127.example.com" is a name.
  return host.substr(0, 4) == "127." && std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

AwsSettings AwsSettings::read(service::Settings& settings) {
  AwsSettings out;
  out.region = read_region(settings);
  read_keys(out, settings);
  read_web_identity(out, settings);
  read_container(out, settings);
  read_ec2(out, settings);
  return out;
}

CredentialOrigin AwsSettings::origin() const {
  if (!access_key_id.empty() || !secret_access_key.empty()) return CredentialOrigin::KEYS;
  if (!web_identity_token_file.empty()) return CredentialOrigin::WEB_IDENTITY;
  if (!container_url.empty()) return CredentialOrigin::CONTAINER;
  return ec2_metadata ? CredentialOrigin::EC2 : CredentialOrigin::NONE;
}

std::string AwsSettings::missing() const {
  switch (origin()) {
    case CredentialOrigin::KEYS:
      return names_of_missing(
          {{"AWS_ACCESS_KEY_ID", !access_key_id.empty()}, {"AWS_SECRET_ACCESS_KEY", !secret_access_key.empty()}});
    case CredentialOrigin::WEB_IDENTITY:
      return names_of_missing({{"AWS_ROLE_ARN", !role_arn.empty()}});
    case CredentialOrigin::CONTAINER:
    case CredentialOrigin::EC2:
      return {};
    case CredentialOrigin::NONE:
      break;
  }
  return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of AWS credentials";
}

std::string AwsSettings::endpoint(const std::string& service) const {
  const char* domain = region.substr(0, 3) == "cn-"     ? "amazonaws.com.cn"
                       : region.substr(0, 5) == "eusc-" ? "amazonaws.eu"
                                                        : "amazonaws.com";
  return "https://" + service + "." + region + "." + domain;
}

}  // namespace carillon::dispatcher::aws
