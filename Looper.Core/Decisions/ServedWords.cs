using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Decisions;

/// <summary>Stored events in the words of the blueprint they were made under.</summary>
internal static class ServedWords
{
    public static string Answer(DecisionRecord record, BlueprintContent content) => !record.Configuration.IsEmpty ? Configuration.InWords(Encoding.UTF8.GetString(record.Configuration.Span))
        : content.Shape == DecisionShape.Value
        ? record.Value.ToString("R", CultureInfo.InvariantCulture)
        : ServedCandidates.Read(record.Candidates) is { Count: > 0 } candidates ? candidates.IsRanking ? Order(candidates) : candidates.IdText(candidates.At(0))
        : Option(record.Option, content);

    private const int Listed = 3;

    /// <summary>The first places of a ranking: <c>c7, c1, c4, …</c></summary>
    private static string Order(ServedCandidates candidates) =>
        string.Join(", ", Enumerable.Range(0, Math.Min(Listed, candidates.Count)).Select(place => candidates.IdText(candidates.At(place)))) + (candidates.Count > Listed ? ", …" : "");

    public static string Option(int option, BlueprintContent content)
    {
        var keys = AnswerRules.OptionKeys(content);
        return option >= 0 && option < keys.Count ? keys[option] : "—";
    }

    public static ImmutableArray<ServedFeature> Features(ReadOnlySpan<byte> served, ImmutableArray<Feature> of)
    {
        var features = ImmutableArray.CreateBuilder<ServedFeature>(of.Length);
        var reader = new ServedRowReader(served);
        foreach (var feature in of)
        {
            if (!reader.Read()) break;
            var value = reader.Kind switch
            {
                ServedKind.Number when feature.Kind == FeatureKind.Time => TimeText.Moment(reader.Number).ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture),
                ServedKind.Number => reader.Number.ToString("R", CultureInfo.InvariantCulture),
                ServedKind.True => "true",
                ServedKind.False => "false",
                ServedKind.Text => reader.TextString,
                ServedKind.Tags or ServedKind.Vector => ListText.Of(reader),
                _ => null,
            };
            var state = reader.Kind switch { ServedKind.Missing => "missing", ServedKind.Invalid => "not usable", _ => feature.Derived is null ? "sent" : "derived" };
            features.Add(new(feature.Name, Words.Of(feature.Kind), feature.IsPersonal && value is not null ? Mask(value) : value, state, feature.IsPersonal && value is not null));
        }
        return features.ToImmutable();
    }

    /// <summary>All candidates of a decision in the order of its answer.</summary>
    public static ImmutableArray<ServedCandidate> Candidates(DecisionRecord record, BlueprintContent content)
    {
        if (ServedCandidates.Read(record.Candidates) is not { } served) return [];
        return
        [
            .. Enumerable.Range(0, served.Count).Select(place =>
            {
                var candidate = served.At(place);
                return new ServedCandidate(
                    served.IdText(candidate), candidate, candidate < record.Scores.Length ? record.Scores[candidate] : null,
                    place < served.Drawn ? served.Propensity(place) : null, Features(served.Row(candidate), content.CandidateFeatures));
            }),
        ];
    }

    /// <summary>Which of the candidates sent it was: <c>1st sent</c>. Far ones together: who sends hundreds asks how far down, not which.</summary>
    public static (int Order, string Name) SentPlace(int candidate) => candidate switch
    {
        < 0 => (-1, "—"),
        < 5 => (candidate, (candidate + 1) switch { 1 => "1st sent", 2 => "2nd sent", 3 => "3rd sent", var n => $"{n}th sent" }),
        < 10 => (5, "6th to 10th sent"),
        < 50 => (6, "11th to 50th sent"),
        _ => (7, "51st or later"),
    };

    /// <summary>Enough to tell two rows apart at a glance, not enough to know whom they are about.</summary>
    public static string Mask(string text) => text.Length <= 2 ? "•••" : text[..2] + "•••";

    /// <summary>As the API names it: <c>default-no-model</c>.</summary>
    public static string Of(Reason reason) => string.Concat(reason.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    public static Reason? ReasonOf(string? word) => Enum.GetValues<Reason>().Cast<Reason?>().FirstOrDefault(r => Of(r!.Value) == word);
}
