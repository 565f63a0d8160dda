package interop;

import ca.uhn.fhir.context.FhirContext;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Resource;

/** Reads the conformance resources (form, code systems, value sets, profiles) that other resources are held against. */
final class Definitions {
    private static final Set<String> KINDS =
            Set.of("CodeSystem", "ValueSet", "StructureDefinition", "SearchParameter", "Questionnaire");

    private Definitions() {}

    /** Every definition in the given files and folders, in file order; Bundles are opened, other resources left out. */
    static List<Resource> read(FhirContext context, List<Path> places) {
        return places.stream()
                .flatMap(place -> jsonFiles(place).stream())
                .map(Definitions::text)
                .filter(Definitions::isResource)
                .map(json -> (Resource) context.newJsonParser().parseResource(json))
                .flatMap(Definitions::open)
                .filter(resource -> KINDS.contains(resource.fhirType()))
                .toList();
    }

    /** The JSON files that a place names: itself, or those below it, sorted. */
    static List<Path> jsonFiles(Path place) {
        try (Stream<Path> below = Files.walk(place)) {
            return below.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException error) {
            throw new UncheckedIOException("cannot read " + place, error);
        }
    }

    /** The text of a file. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException error) {
            throw new UncheckedIOException("cannot read " + file, error);
        }
    }

    /** Whether this JSON is a FHIR resource (a folder may hold other JSON too). */
    static boolean isResource(String json) {
        JsonElement tree = JsonParser.parseString(json);
        return tree.isJsonObject() && tree.getAsJsonObject().has("resourceType");
    }

    private static Stream<Resource> open(Resource resource) {
        if (resource instanceof Bundle bundle) {
            return bundle.getEntry().stream().map(Bundle.BundleEntryComponent::getResource).flatMap(Definitions::open);
        }
        return Stream.of(resource);
    }
}
