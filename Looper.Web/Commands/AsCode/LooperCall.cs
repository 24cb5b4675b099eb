using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Web.Commands.AsCode;

/// <summary>A call to a running server, and what it says no with, in lines for whoever sits at the terminal or reads the log of a pipeline.</summary>
internal sealed class LooperCall(HttpClient http)
{
    private const string Json = "application/json", Yaml = "application/yaml";

    /// <summary>Redirects are not followed: the key would go along to whatever address they name.</summary>
    /// <param name="server">With the path under which a proxy offers Looper, where there is one.</param>
    public static LooperCall To(Uri server, string key) => new(new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = new(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"),
        DefaultRequestHeaders = { { "X-Api-Key", key } },
    });

    /// <returns>YAML, or null with the lines that say why not.</returns>
    public async Task<(string? Body, string Refused)> GetAsync(string path, CancellationToken cancel) => await SendAsync(new(HttpMethod.Get, path), Yaml, cancel);

    /// <returns>JSON, or null with the lines that say why not.</returns>
    public async Task<(string? Body, string Refused)> PostAsync(string path, byte[] yaml, CancellationToken cancel) =>
        await SendAsync(new(HttpMethod.Post, path) { Content = new ByteArrayContent(yaml) { Headers = { ContentType = new MediaTypeHeaderValue(Yaml) } } }, Json, cancel);

    /// <summary>Whatever answers with this status is not Looper.</summary>
    public string Foreign(int status) => $"--url: {http.BaseAddress} answered {status} without a word of Looper. Name the address of Looper itself, or look at what stands before it.";

    private async Task<(string?, string)> SendAsync(HttpRequestMessage request, string expected, CancellationToken cancel)
    {
        try
        {
            using var sent = request;
            using var answer = await http.SendAsync(sent, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == expected) return (body, "");
            if ((int)answer.StatusCode is >= 300 and < 400 && answer.Headers.Location is { } to) return (null, $"--url: {http.BaseAddress} sends on to {Named(sent.RequestUri!, to)}. Name that address.");
            return (null, Reasons(body) ?? Foreign((int)answer.StatusCode));
        }
        catch (HttpRequestException fault)
        {
            return (null, $"--url: {http.BaseAddress} does not answer ({fault.GetBaseException().Message.TrimEnd('.')}). Start the server, or name another address.");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, $"--url: {http.BaseAddress} did not answer in {http.Timeout.TotalSeconds:F0} s. Whether it did what was asked is not known: ask for a plan.");
        }
    }

    /// <summary>Where a redirect leads, without what the call itself added to the address.</summary>
    private static string Named(Uri sent, Uri to)
    {
        var (whole, path) = (new Uri(sent, to).AbsoluteUri, sent.PathAndQuery);
        return whole.EndsWith(path, StringComparison.Ordinal) ? whole[..^path.Length] : whole;
    }

    /// <summary>Null for what is no problem of Looper's, such as the page of a proxy.</summary>
    private static string? Reasons(string body)
    {
        try
        {
            return JsonNode.Parse(body) is not JsonObject problem ? null
                : problem["errors"] is JsonArray { Count: > 0 } errors && errors.Select(e => Text((e as JsonObject)?["reason"])).ToList() is var reasons && !reasons.Contains(null)
                ? string.Join('\n', reasons) : Text(problem["detail"]);
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException) // no JSON, or a name in it twice
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
