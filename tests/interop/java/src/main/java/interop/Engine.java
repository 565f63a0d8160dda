package interop;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.Resource;

/** Puts the HL7 instance validator together: R4 core, our definitions, terminology from memory only. */
final class Engine {
    private Engine() {}

    static FhirValidator over(FhirContext context, List<Resource> definitions) {
        var unknownSystems = new UnknownCodeSystemWarningValidationSupport(context);
        unknownSystems.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
        var chain = new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                ours(context, definitions),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new SnapshotGeneratingValidationSupport(context),
                unknownSystems);
        var instance = new FhirInstanceValidator(chain);
        instance.setErrorForUnknownProfiles(false);
        instance.setAnyExtensionsAllowed(true);
        instance.setAssumeValidRestReferences(true);
        return context.newValidator().registerValidatorModule(instance);
    }

    private static IValidationSupport ours(FhirContext context, List<Resource> definitions) {
        var support = new Ours(context, definitions);
        definitions.forEach(support::addResource);
        return support;
    }

    /** Adds to the known definitions the Questionnaires, found by {@code url} or {@code url|version}. */
    private static final class Ours extends PrePopulatedValidationSupport {
        private final Map<String, MetadataResource> byCanonical;

        Ours(FhirContext context, List<Resource> definitions) {
            super(context);
            byCanonical = definitions.stream()
                    .map(MetadataResource.class::cast)
                    .collect(Collectors.toMap(Ours::canonical, Function.identity(), (first, second) -> second));
        }

        private static String canonical(MetadataResource definition) {
            return definition.getUrl() + "|" + definition.getVersion();
        }

        @Override
        public <T extends IBaseResource> T fetchResource(Class<T> kind, String canonical) {
            return byCanonical.entrySet().stream()
                    .filter(entry -> entry.getKey().equals(canonical)
                            || entry.getValue().getUrl().equals(canonical))
                    .map(Map.Entry::getValue)
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .findFirst()
                    .orElseGet(() -> super.fetchResource(kind, canonical));
        }
    }
}
