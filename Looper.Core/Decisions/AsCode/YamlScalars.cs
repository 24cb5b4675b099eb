using System.Globalization;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.AsCode;

/// <summary>A single value of a YAML file as a value of the type that its place asks for.</summary>
internal static class YamlScalars
{
    /// <summary>Why it is none, and what to write; null where it is one.</summary>
    public static string? Fault(YamlText text, Type type)
    {
        var shown = BlueprintRules.Shown(text.Text);
        return type switch
        {
            _ when type == typeof(string) => text.IsText ? null : $"a text is expected here, and `{shown}` without quotes is {Read(text)}. Write \"{shown}\".",
            _ when type == typeof(bool) => text.Bool is not null ? null : $"yes or no is expected here, and {Said(text)}. Write `true` or `false`.",
            _ when type == typeof(double) => text.Number switch
            {
                null => $"a number is expected here, and {Said(text)}. Write {Wanted(type)}.",
                { } number => double.IsFinite(number) ? null : $"`{shown}` is no finite number. Write one, such as 0.5.",
            },
            _ when type == typeof(int) => text.Number switch
            {
                null => $"a whole number is expected here, and {Said(text)}. Write {Wanted(type)}.",
                { } number => number == Math.Truncate(number) && Math.Abs(number) <= int.MaxValue ? null : $"`{shown}` is no whole number, or is too large. Write one, such as 10.",
            },
            _ => Spelled(text, type, shown),
        };
    }

    /// <summary>The value in JSON; <see cref="Fault"/> found none.</summary>
    public static void Write(Utf8JsonWriter json, YamlText text, Type type)
    {
        if (type == typeof(bool)) json.WriteBooleanValue(text.Bool!.Value);
        else if (type == typeof(int)) json.WriteNumberValue((int)text.Number!.Value);
        else if (type == typeof(double)) json.WriteNumberValue(text.Number!.Value);
        else json.WriteStringValue(text.Text);
    }

    /// <summary>What to write at a place of this type.</summary>
    public static string Wanted(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => "a text, such as \"user\"",
        var t when t == typeof(bool) => "`true` or `false`",
        var t when t == typeof(double) => "a number without quotes, such as 0.5",
        var t when t == typeof(int) => "a whole number without quotes, such as 10",
        var t when t == typeof(TimeSpan) => "a duration such as \"7d\", \"36h\", \"90m\" or \"45s\"",
        var t when t == typeof(DateTimeOffset) => "a time such as \"2026-05-04T12:30:00Z\"",
        { IsEnum: true } t => Words.List([.. Names(t).Select(n => $"`{n}`")], "or"),
        _ => "it",
    };

    private static string? Spelled(YamlText text, Type type, string shown)
    {
        if (text.IsText && IsReadable(text.Text, type)) return null;
        var meant = type.IsEnum && text.IsText ? MeasureRules.Meant(text.Text, Names(type)) : null;
        return type.IsEnum && text.IsText
            ? $"there is no `{shown}`. {(meant is null ? $"Use {Wanted(type)}." : $"Did you mean `{meant}`?")}"
            : $"`{shown}` cannot be read here. Write {Wanted(type)}.";
    }

    private static bool IsReadable(string text, Type type)
    {
        if (type.IsEnum) return Names(type).Contains(text);
        try
        {
            return JsonSerializer.Deserialize(JsonSerializer.Serialize(text), type, BlueprintJson.Options) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Names(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);

    private static string Said(YamlText text) => text.IsQuoted ? $"\"{BlueprintRules.Shown(text.Text)}\" in quotes is a text" : $"`{BlueprintRules.Shown(text.Text)}` is {Read(text)}";

    private static string Read(YamlText text) => text switch
    {
        { IsNull: true } => "empty",
        { Bool: not null } => "a yes or no",
        { Number: not null } => "a number",
        _ => "a text",
    };
}
