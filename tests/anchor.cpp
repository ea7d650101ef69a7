// Something for the precompiled header of this library to be made for; main.cpp cannot use it.
#include <catch2/catch.hpp>
