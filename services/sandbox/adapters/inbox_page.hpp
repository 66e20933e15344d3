// The inbox page, its parts and its files. Works without JavaScript: plain links and forms.
#pragma once
#include <memory>
#include <string>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

class InboxPage {
 public:
  // Reads Bootstrap's stylesheet from the folder of its package; without it the page is plain but works.
  explicit InboxPage(const std::string& bootstrap_dir);
  ~InboxPage();
  // Each returns a whole HTTP response.
  // "/", "/messages/{id}/html", "/messages/{id}/raw", "/messages/{id}/attachments/{n}", "/assets/..."
  std::string get(const SandboxState& state, const HttpRequest& request) const;
  std::string apply_switch(SandboxState& state,
                           const HttpRequest& request) const;  // form fields provider, switch, back
  std::string empty_inbox(SandboxState& state) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::sandbox
