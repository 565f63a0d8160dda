package interop;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import ca.uhn.fhir.rest.server.RestfulServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.ServerConnector;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A real FHIR R4 server on loopback, empty but for the given definitions.
 *
 * <p>Arguments: PORT (0 = any free one) and the files or folders of definitions. Prints {@code READY <port>} when it
 * answers; stops when its standard input closes or on SIGTERM.
 */
public final class Server {
    private Server() {}

    public static void main(String[] arguments) {
        try {
            serve(arguments);
            System.exit(0);
        } catch (Exception error) {
            error.printStackTrace();
            System.exit(1);
        }
    }

    private static void serve(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        List<Path> places = Arrays.stream(arguments).skip(1).map(Path::of).toList();
        var beans = new AnnotationConfigApplicationContext(ServerConfig.class);
        store(beans, Definitions.read(beans.getBean(FhirContext.class), places));
        int listening = listen(beans.getBean(RestfulServer.class), port);
        System.out.println("READY " + listening);
        waitForEndOfInput();
    }

    private static void store(AnnotationConfigApplicationContext beans, List<Resource> definitions) {
        DaoRegistry registry = beans.getBean(DaoRegistry.class);
        definitions.forEach(definition -> store(registry, definition));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Resource> void store(DaoRegistry registry, T definition) {
        registry.getResourceDao((Class<T>) definition.getClass()).update(definition, new SystemRequestDetails());
    }

    private static int listen(RestfulServer fhir, int port) throws Exception {
        var jetty = new org.eclipse.jetty.server.Server();
        var connector = new ServerConnector(jetty);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        jetty.addConnector(connector);
        var context = new ServletContextHandler();
        var servlet = new ServletHolder(fhir);
        servlet.setInitOrder(1);
        context.addServlet(servlet, "/fhir/*");
        jetty.setHandler(context);
        jetty.start();
        return connector.getLocalPort();
    }

    private static void waitForEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            continue;
        }
    }
}
