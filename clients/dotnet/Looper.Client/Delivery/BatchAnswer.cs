using System.Text.Json;

namespace Looper.Client.Delivery;

/// <summary>Reads what became of each parcel of a batch.</summary>
internal static class BatchAnswer
{
    /// <returns>One for each parcel, in their order; null where this is no answer to them.</returns>
    public static (Fate Fate, string? Problem)[]? Read(byte[] body, int count)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            var items = answer.RootElement.GetProperty("items");
            return items.GetArrayLength() == count ? [.. items.EnumerateArray().Select(Item)] : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static (Fate, string?) Item(JsonElement item)
    {
        var status = item.GetProperty("status").GetInt32();
        var fate = status switch
        {
            >= 200 and < 300 => Fate.Delivered,
            >= 400 and < 500 and not 429 => Fate.Refused,
            _ => Fate.Kept,
        };
        var problem = item.TryGetProperty("problem", out var details) ? Calls.Reply.ProblemText(details) : null;
        return (fate, fate == Fate.Delivered ? null : problem ?? $"Looper answered {status}.");
    }
}
