// A library of headers only still needs one file to be compiled.
