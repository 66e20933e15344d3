#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>

#include <unistd.h>

#include "provider-dispatcher/adapters/providers/aws/settings.hpp"
#include "provider-dispatcher/adapters/providers/ses/settings.hpp"
#include "provider-dispatcher/adapters/providers/sns/settings.hpp"

namespace {

using namespace carillon::dispatcher;
using aws::AwsSettings;
using aws::CredentialOrigin;
using carillon::service::Environment;
using carillon::service::Settings;
using carillon::service::SettingsError;

template <class T>
T read(const Environment& environment) {
  Settings settings(environment);
  T out = T::read(settings);
  settings.finish();
  return out;
}

template <class T>
std::string error_of(const Environment& environment) {
  try {
    read<T>(environment);
    return "accepted";
  } catch (const SettingsError& error) {
    return error.what();
  }
}

const Environment keys{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
const Environment web_identity{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
                               {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"}};
const Environment container{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"}};
const Environment ec2{{"AWS_EC2_METADATA_ENABLED", "true"}};

Environment joined(std::initializer_list<Environment> parts) {
  Environment out;
  for (const Environment& part : parts) out.insert(part.begin(), part.end());
  return out;
}

TEST_CASE("aws settings: without any there are no credentials, and no EC2 instance is asked") {
  const auto settings = read<AwsSettings>({});
  CHECK(settings.origin() == CredentialOrigin::NONE);
  CHECK(settings.missing() == "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of AWS credentials");
  CHECK(settings.region == "us-east-1");
  CHECK_FALSE(settings.ec2_metadata);
}

TEST_CASE("aws settings: keys go before web identity, that before the container, that before EC2") {
  CHECK(read<AwsSettings>(joined({keys, web_identity, container, ec2})).origin() == CredentialOrigin::KEYS);
  CHECK(read<AwsSettings>(joined({web_identity, container, ec2})).origin() == CredentialOrigin::WEB_IDENTITY);
  CHECK(read<AwsSettings>(joined({container, ec2})).origin() == CredentialOrigin::CONTAINER);
  CHECK(read<AwsSettings>(ec2).origin() == CredentialOrigin::EC2);
  for (const Environment& environment : {keys, web_identity, container, ec2}) {
    CHECK(read<AwsSettings>(environment).missing().empty());
  }
}

TEST_CASE("aws settings: half of a source is told, not passed over") {
  CHECK(read<AwsSettings>({{"AWS_ACCESS_KEY_ID", "AKID"}}).missing() == "AWS_SECRET_ACCESS_KEY");
  CHECK(read<AwsSettings>(joined({{{"AWS_SECRET_ACCESS_KEY", "s"}}, container})).missing() == "AWS_ACCESS_KEY_ID");
  CHECK(read<AwsSettings>({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}}).missing() == "AWS_ROLE_ARN");
}

TEST_CASE("aws settings: AWS_EC2_METADATA_DISABLED goes before AWS_EC2_METADATA_ENABLED") {
  const auto settings = read<AwsSettings>(joined({ec2, {{"AWS_EC2_METADATA_DISABLED", "true"}}}));
  CHECK(settings.origin() == CredentialOrigin::NONE);
  CHECK(read<AwsSettings>(ec2).ec2_metadata_url == "http://169.254.169.254");
}

TEST_CASE("aws settings: keys may come from files") {
  const std::string path = "/tmp/carillon-aws-settings-" + std::to_string(::getpid());
  std::ofstream(path) << "from-file\n";
  const auto settings = read<AwsSettings>({{"AWS_ACCESS_KEY_ID_FILE", path}, {"AWS_SECRET_ACCESS_KEY_FILE", path}});
  std::remove(path.c_str());
  CHECK(settings.access_key_id == "from-file");
  CHECK(settings.secret_access_key == "from-file");
}

TEST_CASE("aws settings: the relative URI of a container goes before the full one") {
  const Environment full{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"}};
  CHECK(read<AwsSettings>(full).container_url == "http://169.254.170.23/v1/credentials");
  CHECK(read<AwsSettings>(joined({full, container})).container_url == "http://169.254.170.2/v2/credentials/x");
  CHECK(error_of<AwsSettings>({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/"}})
            .find("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != std::string::npos);
  CHECK(error_of<AwsSettings>({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/"}})
            .find("AWS_CONTAINER_CREDENTIALS_FULL_URI") != std::string::npos);
}

TEST_CASE("aws settings: plain HTTP for credentials goes to this machine and to ECS and EKS only") {
  for (const char* url :
       {"https://anywhere.example/c", "http://169.254.170.2/c?id=1", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "http://localhost:8080/c", "http://127.0.0.1/c",
        "http://127.8.7.6:80/c", "http://[::1]:1338/c"}) {
    INFO(url);
    CHECK(aws::may_serve_container_credentials(url));
  }
  for (const char* url :
       {"", "http://", "ftp://localhost/", "http://169.254.170.3/c", "http://169.254.169.254/c",
        "http://127.0.0.1.evil.example/c", "http://127.evil.example/c", "http://localhost.evil.example/",
        "http://localhost@evil.example/", "http://evil.example\\@localhost/", "http://evil.example#@localhost/",
        "http://[::2]/", "http://[::1/", "http://localhost\r\n/"}) {
    INFO(url);
    CHECK_FALSE(aws::may_serve_container_credentials(url));
  }
}

TEST_CASE("aws settings: endpoints follow the region and its partition") {
  const auto endpoint = [](const char* region) { return read<AwsSettings>({{"AWS_REGION", region}}).endpoint("sns"); };
  CHECK(read<AwsSettings>({}).endpoint("email") == "https://email.us-east-1.amazonaws.com");
  CHECK(endpoint("eu-central-1") == "https://sns.eu-central-1.amazonaws.com");
  CHECK(endpoint("us-gov-west-1") == "https://sns.us-gov-west-1.amazonaws.com");
  CHECK(endpoint("cn-north-1") == "https://sns.cn-north-1.amazonaws.com.cn");
  CHECK(endpoint("eusc-de-east-1") == "https://sns.eusc-de-east-1.amazonaws.eu");
}

TEST_CASE("aws settings: bad values are refused with the name of the setting") {
  CHECK(error_of<AwsSettings>({{"AWS_REGION", "eu.evil.example/"}}).find("AWS_REGION") != std::string::npos);
  CHECK(error_of<AwsSettings>({{"AWS_REGION", "-eu"}}).find("AWS_REGION") != std::string::npos);
  CHECK(error_of<AwsSettings>({{"AWS_ACCESS_KEY_ID", "a\nb"}}).find("AWS_ACCESS_KEY_ID") != std::string::npos);
  CHECK(error_of<AwsSettings>({{"AWS_SESSION_TOKEN", "a\r\nb"}}).find("AWS_SESSION_TOKEN") != std::string::npos);
  CHECK(error_of<AwsSettings>({{"AWS_ROLE_SESSION_NAME", "a b"}}).find("AWS_ROLE_SESSION_NAME") != std::string::npos);
  CHECK(error_of<SesSettings>({{"SES_CONFIGURATION_SET", "a b"}}).find("SES_CONFIGURATION_SET") != std::string::npos);
  CHECK(error_of<SnsSettings>({{"SNS_SMS_TYPE", "transactional"}}).find("SNS_SMS_TYPE") != std::string::npos);
  for (const char* id : {"12345", "TwelveLetter", "Two Words", "Ümlaut"}) {
    INFO(id);
    CHECK(error_of<SnsSettings>({{"SNS_SENDER_ID", id}}).find("SNS_SENDER_ID") != std::string::npos);
  }
}

TEST_CASE("ses and sns settings: defaults") {
  const auto ses = read<SesSettings>({});
  CHECK(ses.base_url.empty());
  CHECK(ses.configuration_set.empty());
  CHECK(ses.rate_per_second == 0);
  CHECK(ses.concurrency == 32);
  const auto sns = read<SnsSettings>({});
  CHECK(sns.sms_type == "Transactional");
  CHECK(sns.sender_id.empty());
  CHECK(sns.rate_per_second == 0);
  CHECK(sns.concurrency == 32);
  CHECK(read<SnsSettings>({{"SNS_SENDER_ID", "Carillon-1"}}).sender_id == "Carillon-1");
}

}  // namespace
