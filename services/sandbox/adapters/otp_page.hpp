// GET /otp: one-time codes tried by hand. Its calls go through the relay; the key stays in the browser.
#pragma once
#include <string>

namespace carillon::sandbox {

// A whole HTTP response. `carillon_url`: where the relay calls; "": nowhere, and the page says so.
std::string otp_page(const std::string& carillon_url);

}  // namespace carillon::sandbox
