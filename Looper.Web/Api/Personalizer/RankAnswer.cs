using System.Text;
using System.Text.Json;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Api.Personalizer;

/// <summary>The answer of a decision as a rank call's: actions from the most to the least preferred, those that were excluded at the place where they were sent.</summary>
internal readonly record struct RankAnswer(RankCall Call, DecisionAnswer Decision)
{
    public void Write(Utf8JsonWriter json)
    {
        var ranked = Ranked();
        json.WriteStartObject();
        json.WriteStartArray("ranking"u8);
        var next = 0;
        foreach (var sent in Call.Actions)
        {
            var (id, probability) = Call.IsExcluded(sent) ? (sent.Id, 0) : ranked[next++];
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            if (probability is { } known) json.WriteNumber("probability"u8, known);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("eventId"u8, Call.EventId);
        json.WriteString("rewardActionId"u8, ranked[0].Id);
        if (!Decision.IsRecorded) json.WriteBoolean("recorded"u8, false);
        json.WriteEndObject();
    }

    private List<(string Id, double? Probability)> Ranked() =>
        ServedCandidates.Read(Decision.Record.Candidates) is { } candidates ? [.. Picked(candidates)] : [.. Chosen()];

    private static IEnumerable<(string Id, double? Probability)> Picked(ServedCandidates candidates)
    {
        for (var place = 0; place < candidates.Count; place++)
            yield return (candidates.IdText(candidates.At(place)), place < candidates.Drawn ? candidates.Propensity(place) : null);
    }

    /// <summary>Of fixed options only the chance of the one that was chosen is in the record.</summary>
    private IEnumerable<(string Id, double? Probability)> Chosen()
    {
        var (option, options) = (Decision.Record.Option, Decision.Words().Options);
        if (option >= options.Length) return Call.Actions.Select(a => (a.Id, (double?)null)).Prepend((null!, null)); // of a version that is no more: as /v1 answers null
        var chosen = options[option];
        return Call.Actions.Where(a => a.Id != chosen).Select(a => (a.Id, (double?)null)).Prepend((chosen, double.IsFinite(Decision.Record.Propensity) ? Decision.Record.Propensity : null));
    }
}
