package interop;

import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sorts validator messages: what is wrong, and what can merely not be looked up without network.
 *
 * <p>A system, profile or extension of our own that cannot be found is always an error: its definition is in reach.
 */
enum Kind {
    ERROR,
    WARNING,
    INFORMATION,
    /** A code of a system that is not here (SNOMED CT, LOINC, ICD-10-CM, a guide's own); see allowed_codes.toml. */
    UNKNOWN_CODE,
    /** A profile, extension or package of an implementation guide that is not here (SDC, US Core). */
    UNKNOWN_PROFILE;

    private static final String OURS = "https://w3id.org/nerve-triage/";

    /** Not a code system but the namespace of our identifiers, which tags reuse. */
    private static final String OUR_IDENTIFIERS = OURS + "id";

    private static final Pattern UNKNOWN_SYSTEM =
            Pattern.compile("CodeSystem is unknown and can't be validated: (\\S+) for ");
    private static final List<Pattern> UNKNOWN_DEFINITIONS = List.of(
            Pattern.compile("Profile reference '([^']+)' has not been checked because it could not be found"),
            Pattern.compile("Failed to retrieve profile with url=(\\S+)"),
            Pattern.compile("Unknown extension (\\S+)"),
            Pattern.compile("The questionnaire '([^']+)' could not be resolved"),
            Pattern.compile("Unable to resolve package id (\\S+)"));

    /** The word for this kind in reports. */
    String word() {
        return name().toLowerCase().replace('_', '-');
    }

    static Kind of(SingleValidationMessage message) {
        String text = message.getMessage();
        Matcher system = UNKNOWN_SYSTEM.matcher(text);
        if (system.find()) {
            return isOurs(system.group(1)) ? ERROR : UNKNOWN_CODE;
        }
        return UNKNOWN_DEFINITIONS.stream()
                .map(pattern -> pattern.matcher(text))
                .filter(Matcher::find)
                .findFirst()
                .map(found -> isOurs(found.group(1)) ? ERROR : UNKNOWN_PROFILE)
                .orElseGet(() -> bySeverity(message.getSeverity()));
    }

    private static boolean isOurs(String url) {
        return url.startsWith(OURS) && !url.equals(OUR_IDENTIFIERS);
    }

    private static Kind bySeverity(ResultSeverityEnum severity) {
        return switch (severity) {
            case FATAL, ERROR -> ERROR;
            case WARNING -> WARNING;
            case INFORMATION -> INFORMATION;
        };
    }
}
