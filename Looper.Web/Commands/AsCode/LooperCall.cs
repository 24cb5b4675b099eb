using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Web.Commands.AsCode;

/// <summary>A call to a running server, and what it says no with, in lines for whoever sits at the terminal or reads the log of a pipeline.</summary>
internal sealed class LooperCall(HttpClient http)
{
    public static LooperCall To(Uri server, string key) => new(new() { BaseAddress = server, DefaultRequestHeaders = { { "X-Api-Key", key } } });

    /// <returns>The body, or null with the lines that say why not.</returns>
    public async Task<(string? Body, string Refused)> GetAsync(string path, CancellationToken cancel) => await SendAsync(new(HttpMethod.Get, path), cancel);

    /// <inheritdoc cref="GetAsync"/>
    public async Task<(string? Body, string Refused)> PostAsync(string path, byte[] yaml, CancellationToken cancel) =>
        await SendAsync(new(HttpMethod.Post, path) { Content = new ByteArrayContent(yaml) { Headers = { ContentType = new MediaTypeHeaderValue("application/yaml") } } }, cancel);

    private async Task<(string?, string)> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            using var sent = request;
            using var answer = await http.SendAsync(sent, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType is "application/json" or "application/yaml") return (body, "");
            return (null, Reasons(body) ?? $"--url: {http.BaseAddress} answered {(int)answer.StatusCode} without a word of Looper. Name the address of Looper itself, or look at what stands before it.");
        }
        catch (HttpRequestException fault)
        {
            return (null, $"--url: {http.BaseAddress} does not answer ({fault.Message}). Start the server, or name another address.");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, $"--url: {http.BaseAddress} did not answer in {http.Timeout.TotalSeconds:F0} s. Whether it did what was asked is not known: ask for a plan.");
        }
    }

    /// <summary>Null for what is no problem of Looper's, such as the page of a proxy.</summary>
    private static string? Reasons(string body)
    {
        try
        {
            return JsonNode.Parse(body) is not JsonObject problem ? null
                : problem["errors"] is JsonArray { Count: > 0 } errors ? string.Join('\n', errors.Select(e => (string?)e!["reason"]))
                : (string?)problem["detail"];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
