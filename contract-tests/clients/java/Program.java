import client.ApiClient;
import client.ApiException;
import client.ApiResponse;
import client.api.ArtifactsApi;
import client.model.ArtifactDetailResponse;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/** Makes calls with a generated client: java Program http://127.0.0.1:8650, then a request per line of stdin. */
public class Program {
  private final ApiClient client = new ApiClient();
  private final ArtifactsApi api = new ArtifactsApi(client);
  private final Gson gson = client.getJSON().getGson();

  private JsonObject call(JsonObject request) {
    JsonObject report = new JsonObject();
    client.setApiKey(get(request, "key"));
    try {
      ApiResponse<ArtifactDetailResponse> found =
          api.getArtifactDetailsWithHttpInfo(
              get(request, "registryRef"),
              get(request, "artifact"),
              get(request, "version"),
              get(request, "artifactType"),
              get(request, "childVersion"));
      report.addProperty("status", found.getStatusCode());
      ArtifactDetailResponse body = found.getData();
      report.add("body", gson.toJsonTree(request.has("getter") ? body.getData().getVersion() : body));
    } catch (ApiException error) {
      if (error.getCode() < 300) return toReport(error.getCause() == null ? error : error.getCause());
      report.addProperty("status", error.getCode());
      String body = error.getResponseBody();
      report.add("body", body.startsWith("{") ? gson.fromJson(body, JsonObject.class) : new JsonPrimitive(body));
    } catch (RuntimeException error) {
      return toReport(error);
    }
    return report;
  }

  private static JsonObject toReport(Throwable error) {
    JsonObject report = new JsonObject();
    report.addProperty("exception", error.toString());
    return report;
  }

  private static String get(JsonObject request, String name) {
    return request.has(name) ? request.get(name).getAsString() : null;
  }

  public static void main(String[] args) throws IOException {
    Program program = new Program();
    program.client.setBasePath(args[0]);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line = lines.readLine(); line != null; line = lines.readLine())
      System.out.println(program.call(program.gson.fromJson(line, JsonObject.class)));
    System.exit(0);
  }
}
