// The words by which people end and begin SMS from a number (CTIA Messaging Principles, 5.1.3;
// help.twilio.com, "Twilio support for opt-out keywords"). Pure.
#pragma once
#include <string_view>

namespace carillon {

enum class OptOutWord {
  NONE,
  STOP,  // nothing more is to be sent; carriers and Twilio send no more by themselves
  HELP,
  START  // SMS are wanted again
};

// A word counts when it is written alone: case, spaces and the punctuation around it change nothing. YES, which Twilio
// takes for START where somebody had opted out, is NONE here: it is an answer.
OptOutWord opt_out_word(std::string_view text);

}  // namespace carillon
