using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>Durations as people write them: <c>7d</c>, <c>36h</c>, <c>90m</c>, <c>45s</c>. <c>7.00:00:00</c> is read as well.</summary>
public sealed class DurationJson : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out var span)
            ? span
            : throw new JsonException("Write a duration such as \"7d\", \"36h\", \"90m\" or \"45s\".");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    /// <summary>In the largest unit that divides it.</summary>
    public static string Text(TimeSpan span) => span.Ticks switch
    {
        _ when span.Ticks % TimeSpan.TicksPerSecond != 0 => span.ToString("c", CultureInfo.InvariantCulture),
        0 => "0s",
        _ when span.Ticks % TimeSpan.TicksPerDay == 0 => $"{span.Ticks / TimeSpan.TicksPerDay}d",
        _ when span.Ticks % TimeSpan.TicksPerHour == 0 => $"{span.Ticks / TimeSpan.TicksPerHour}h",
        _ when span.Ticks % TimeSpan.TicksPerMinute == 0 => $"{span.Ticks / TimeSpan.TicksPerMinute}m",
        _ => $"{span.Ticks / TimeSpan.TicksPerSecond}s",
    };

    public static bool TryParse(string text, out TimeSpan span)
    {
        var unit = text.Length == 0 ? 0 : text[^1] switch
        {
            'd' => TimeSpan.TicksPerDay,
            'h' => TimeSpan.TicksPerHour,
            'm' => TimeSpan.TicksPerMinute,
            's' => TimeSpan.TicksPerSecond,
            _ => 0,
        };
        span = default;
        if (unit == 0) return text.Contains(':') && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out span);
        if (!long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            || Math.Abs((double)count * unit) > TimeSpan.MaxValue.Ticks) return false;
        span = new TimeSpan(count * unit);
        return true;
    }
}
