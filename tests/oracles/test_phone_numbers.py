"""Phone numbers, against Google's phonenumbers: every valid example it has, of every region and kind."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

# ITU-T E.164: "+", a country code, 15 digits at most. Fewer than seven digits reach nobody from abroad.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def examples() -> set[phonenumbers.PhoneNumber]:
    regions = [phonenumbers.example_number_for_type(region, kind) for region in phonenumbers.SUPPORTED_REGIONS for kind in PhoneNumberType.values()]
    networks = [phonenumbers.example_number_for_non_geo_entity(code) for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS]
    return {(number.country_code, phonenumbers.format_number(number, PhoneNumberFormat.E164)) for number in regions + networks if number}


def test_valid_example_numbers_of_every_region_are_accepted_and_those_that_break_e164_refused(ask):
    numbers = sorted(number for _, number in examples())
    assert len(numbers) > 900
    taken = dict(zip(numbers, ask("oracle-read-phone-number", [{"number": number} for number in numbers]), strict=True))
    assert {number for number, ok in taken.items() if ok} == {number for number in numbers if E164.fullmatch(number)}
    assert {number for number, ok in taken.items() if not ok}, "phonenumbers has short examples, such as Iran's"


def test_the_same_numbers_written_in_another_way_are_refused(ask):
    """Nothing is guessed: a number that is nearly one may be somebody else's."""
    spoiled = []
    for code, number in sorted(examples()):
        national = number[1 + len(str(code)):]
        spoiled += [number[1:], "00" + number[1:], "0" + national, " " + number, number + " ", number[:4] + "-" + number[4:], "+0" + number[1:],
                    number + "0" * (17 - len(number)), number.translate(str.maketrans("0123456789", "０１２３４５６７８９")), "tel:" + number]
    answers = ask("oracle-read-phone-number", [{"number": number} for number in spoiled])
    assert [number for number, ok in zip(spoiled, answers, strict=True) if ok] == []


def test_country_codes_that_nobody_has_are_refused(ask):
    assigned = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    free = [code for code in map(str, range(1, 1000)) if not any(code.startswith(taken) or taken.startswith(code) for taken in assigned)]
    answers = dict(zip(free, ask("oracle-read-phone-number", [{"number": f"+{code}12345678"} for code in free]), strict=True))
    # The ITU has assigned codes that phonenumbers has no regions for: shared and trial networks, and reserved ones.
    assert sum(answers.values()) <= 10, {code for code, ok in answers.items() if ok}
    assert len(free) > 50
