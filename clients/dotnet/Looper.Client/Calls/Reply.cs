using System.Text.Json;

namespace Looper.Client.Calls;

/// <summary>What came back of a request.</summary>
/// <param name="Status">0 where there was no whole answer.</param>
/// <param name="RetryAfter">How long Looper asks to be left alone; null where it does not.</param>
/// <param name="Fault">Where there was no whole answer: why, in a sentence.</param>
/// <param name="IsGarbled">Something answered that is not HTTP, or sends without end.</param>
internal sealed record Reply(int Status, byte[] Body, TimeSpan? RetryAfter = null, string? Fault = null, bool IsGarbled = false)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Looper itself says that it has too much to do.</summary>
    public bool IsBusy => Status is 429 or 503;

    /// <summary>What went wrong, in a sentence: the server's own where it has one.</summary>
    public string Problem => Fault ?? Detail() ?? $"Looper answered {Status}.";

    private string? Detail()
    {
        try
        {
            using var body = JsonDocument.Parse(Body);
            return ProblemText(body.RootElement);
        }
        catch (Exception fault) when (IsNoText(fault))
        {
            return null;
        }
    }

    /// <summary>Whether Looper itself says what is wrong, and not something that stands in front of it: its problem details have a code.</summary>
    public bool IsOfLooper
    {
        get
        {
            try
            {
                using var body = JsonDocument.Parse(Body);
                return body.RootElement.ValueKind == JsonValueKind.Object && Text(body.RootElement, "code") is { Length: > 0 };
            }
            catch (Exception fault) when (IsNoText(fault))
            {
                return false;
            }
        }
    }

    // JSON may hold texts that are none: half of a pair of surrogates, bytes of another encoding
    private static bool IsNoText(Exception fault) => fault is JsonException or InvalidOperationException;

    /// <summary>Title and detail of problem details (RFC 9457); null where it is something else.</summary>
    public static string? ProblemText(JsonElement problem)
    {
        if (problem.ValueKind != JsonValueKind.Object) return null;
        var (title, detail) = (Text(problem, "title"), Text(problem, "detail"));
        return title is null ? detail : detail is null ? title : $"{title}: {detail}";
    }

    private static string? Text(JsonElement problem, string name) => problem.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
