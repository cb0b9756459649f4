// signalbox-pdf BLOCKS OUT: makes a PDF of text. BLOCKS has a JSON object a line: {"text", "font", "grey",
// "space_after", "room"}, see daemon/pdf/paper.h. The daemon runs it where it can do no harm
// (daemon/confined), since it lays out what strangers wrote. Ends with 0, or with 1 and the reason on the
// error output.
#include <fstream>
#include <iostream>

#include "base/json.h"
#include "daemon/pdf/paper.h"

using namespace signalbox;

namespace {

double numberOf(const Json& block, const char* name, double otherwise) {
    const Json& value = memberAt(block, name);
    return value.is_number() ? value.get<double>() : otherwise;
}

Status makePdf(std::istream& blocks, const std::string& path) {
    auto paper = pdf::Paper::create(path);
    if (!paper) return paper.error();
    for (std::string line; std::getline(blocks, line);) {
        const auto json = parseJson(line);
        if (!json || !json->is_object()) return Error{ErrorKind::Invalid, "a line is no JSON object"};
        pdf::Block block;
        block.text = textAt(*json, "text");
        block.font = textAt(*json, "font", block.font);
        block.grey = numberOf(*json, "grey", block.grey);
        block.space_after = numberOf(*json, "space_after", 0);
        block.room = numberOf(*json, "room", 0);
        if (auto drawn = (*paper)->draw(block); !drawn) return drawn;
    }
    return (*paper)->finish();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return std::cerr << "usage: signalbox-pdf BLOCKS OUT\n", 1;
    std::ifstream blocks(argv[1]);
    if (!blocks) return std::cerr << "signalbox-pdf: cannot read " << argv[1] << '\n', 1;
    const Status made = makePdf(blocks, argv[2]);
    if (made) return 0;
    std::cerr << "signalbox-pdf: " << made.error().message << '\n';
    return 1;
}
