// The contract, compiled by protoc from proto/*.proto while the test runs; so it is never older than the files.
#pragma once
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>

#include <string>
#include <vector>

namespace carillon::testing {

class CompiledContract {
 public:
  // Runs in the checkout's root. Throws std::runtime_error when protoc is missing or refuses a file (its reasons go to
  // the standard error stream).
  CompiledContract();

  const google::protobuf::DescriptorPool& pool() const { return pool_; }
  const std::vector<std::string>& files() const { return files_; }  // without the imported ones of google.protobuf

 private:
  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_;
  std::vector<std::string> files_;
};

}  // namespace carillon::testing
