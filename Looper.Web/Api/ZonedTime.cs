using System.Text.Json;

namespace Looper.Web.Api;

/// <summary>A time in JSON with its offset from UTC. Without one it is none: nobody knows whose clock it was.</summary>
internal static class ZonedTime
{
    public static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        return reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out time) && NamesItsZone(reader.GetString()!);
    }

    private static bool NamesItsZone(string text) => text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) >= "2026-05-04T".Length;
}
