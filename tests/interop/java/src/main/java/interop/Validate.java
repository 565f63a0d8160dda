package interop;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.utilities.http.ManagedWebAccess;

/**
 * The official HL7 validator engine over folders of JSON resources, without network.
 *
 * <p>Arguments: {@code [FOLDER...] [--definitions PLACE...]}. Prints one JSON line per message (file, severity,
 * message, location, class, id) and after each folder {@code {"done": FOLDER, "errors": N, "resources": N}}; exits with
 * 1 when there was an error. Without a folder it prints {@code READY}, then reads folders from standard input, a line
 * each, until that closes.
 */
public final class Validate {
    private static final FhirContext CONTEXT = FhirContext.forR4Cached();
    private static final Gson GSON = new Gson();

    private final FhirValidator validator;
    private int errors;

    private Validate(List<Path> definitions) {
        validator = Engine.over(CONTEXT, Definitions.read(CONTEXT, definitions));
    }

    public static void main(String[] arguments) throws IOException {
        List<Path> folders = new ArrayList<>();
        List<Path> definitions = new ArrayList<>();
        List<Path> wanted = folders;
        for (String argument : arguments) {
            if (argument.equals("--definitions")) {
                wanted = definitions;
            } else {
                wanted.add(Path.of(argument));
            }
        }
        ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
        Validate run = new Validate(definitions);
        folders.forEach(run::folder);
        if (folders.isEmpty()) {
            run.foldersFromInput();
        }
        System.exit(run.errors == 0 ? 0 : 1);
    }

    private void foldersFromInput() throws IOException {
        System.out.println("READY");
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            folder(Path.of(line));
        }
    }

    private void folder(Path folder) {
        int before = errors;
        int resources = 0;
        for (Path file : Definitions.jsonFiles(folder)) {
            String json = Definitions.text(file);
            if (Definitions.isResource(json)) {
                resources++;
                validator.validateWithResult(json).getMessages().forEach(message -> print(file, message));
            }
        }
        System.out.println(GSON.toJson(Map.of("done", folder.toString(), "errors", errors - before, "resources", resources)));
    }

    private void print(Path file, SingleValidationMessage message) {
        Kind kind = Kind.of(message);
        if (kind == Kind.ERROR) {
            errors++;
        }
        Map<String, String> line = new LinkedHashMap<>();
        line.put("file", file.toString());
        line.put("severity", message.getSeverity().getCode());
        line.put("message", message.getMessage());
        line.put("location", message.getLocationString());
        line.put("class", kind.word());
        line.put("id", message.getMessageId());
        System.out.println(GSON.toJson(line));
    }
}
