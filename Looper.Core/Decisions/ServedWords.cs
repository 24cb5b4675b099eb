using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Decisions;

/// <summary>Stored events in the words of the blueprint they were made under.</summary>
internal static class ServedWords
{
    public static string Answer(DecisionRecord record, BlueprintContent content) => content.Shape == DecisionShape.Value
        ? record.Value.ToString("R", CultureInfo.InvariantCulture)
        : Option(record.Option, content);

    public static string Option(int option, BlueprintContent content)
    {
        var keys = AnswerRules.OptionKeys(content);
        return option >= 0 && option < keys.Count ? keys[option] : "—";
    }

    public static ImmutableArray<ServedFeature> Features(ReadOnlySpan<byte> served, BlueprintContent content)
    {
        var features = ImmutableArray.CreateBuilder<ServedFeature>(content.Features.Length);
        var reader = new ServedRowReader(served);
        foreach (var feature in content.Features)
        {
            if (!reader.Read()) break;
            var value = reader.Kind switch
            {
                ServedKind.Number => reader.Number.ToString("R", CultureInfo.InvariantCulture),
                ServedKind.True => "true",
                ServedKind.False => "false",
                ServedKind.Text => reader.TextString,
                _ => null,
            };
            var state = reader.Kind switch { ServedKind.Missing => "missing", ServedKind.Invalid => "not usable", _ => "sent" };
            features.Add(new(feature.Name, Words.Of(feature.Kind), feature.IsPersonal && value is not null ? Mask(value) : value, state));
        }
        return features.ToImmutable();
    }

    /// <summary>Enough to tell two rows apart at a glance, not enough to know whom they are about.</summary>
    public static string Mask(string text) => text.Length <= 2 ? "•••" : text[..2] + "•••";

    /// <summary>As the API names it: <c>default-no-model</c>.</summary>
    public static string Of(Reason reason) => string.Concat(reason.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    public static Reason? ReasonOf(string? word) => Enum.GetValues<Reason>().Cast<Reason?>().FirstOrDefault(r => Of(r!.Value) == word);
}
