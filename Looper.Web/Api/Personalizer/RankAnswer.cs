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

    /// <summary>Null where what was decided is among the actions. Of a call that is sent again it may not be: fixed options change from version to version.</summary>
    public DataFault? Unoffered()
    {
        if (!Decision.Record.Candidates.IsEmpty) return null; // the actions are part of what makes it the same call
        var (option, options) = (Decision.Record.Option, Decision.Words().Options);
        var chosen = option >= 0 && option < options.Length ? options[option] : null;
        var call = Call;
        if (option >= options.Length || call.Actions.Any(a => a.Id == chosen && !call.IsExcluded(a))) return null;
        return new(409, "idempotency.conflict",
            $"'{Call.EventId}' was decided before{(chosen is null ? "" : $" as '{chosen}'")}, which is not among these actions. Nothing was changed. Send the actions of then, or use a new event id.", "actions");
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
        var (call, option, options) = (Call, Decision.Record.Option, Decision.Words().Options);
        if (option >= options.Length) return call.Actions.Select(a => (a.Id, (double?)null)).Prepend((null!, null)); // of a version that is no more: as /v1 answers null
        var chosen = options[option];
        return call.Actions.Where(a => a.Id != chosen && !call.IsExcluded(a)).Select(a => (a.Id, (double?)null)).Prepend((chosen, double.IsFinite(Decision.Record.Propensity) ? Decision.Record.Propensity : null));
    }
}
