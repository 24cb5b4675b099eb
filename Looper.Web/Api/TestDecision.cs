using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Serving.Histories;

namespace Looper.Web.Api;

/// <param name="Decision">true or false, an option's key, or a number, or an object of values by parameter.</param>
/// <param name="Options">Empty for <c>value</c> and <c>configuration</c>; the candidates in the order of the answer.</param>
/// <param name="Score">Predicted number of a <c>value</c> decision.</param>
/// <param name="Features">How each feature arrived.</param>
/// <param name="Microseconds">Time the decision itself took.</param>
public sealed record TestDecision(
    object? Decision, double Propensity, string Reason, string? Arm, string? Experiment, int BlueprintVersion, int? ModelVersion, bool IsDefault,
    ImmutableArray<TestedOption> Options, double? Score, ImmutableArray<TestedFeature> Features, double Microseconds)
{
    /// <summary>What would be answered now; the subject of the draw is the unit. Pages and the API ask here.</summary>
    /// <param name="context">Valid JSON, or null for none.</param>
    /// <param name="candidates">Valid JSON, or null for none; needed where the shape takes them.</param>
    /// <param name="histories">What was reported for the unit counts as in a decision.</param>
    public static Answered<TestDecision> Make(Caller caller, DecisionEngine engine, string key, string unit, string? context, string? candidates, UnitHistories histories, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(engine);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var snapshot = engine.Current;
        if (snapshot.Find(key) is not { } point) return new Refusal("decision-point.unknown", $"There is no published decision point '{key}'.", "key");
        var sent = Encoding.UTF8.GetBytes(candidates ?? "");
        if (point.Current is { Answers.TakesCandidates: true } && CandidateList.Check(sent) is { } unfit) return new Refusal(unfit.Code, unfit.Reason, unfit.Field);
        var workspace = new DecisionWorkspace();
        var subject = Encoding.UTF8.GetBytes(unit);
        var started = Stopwatch.GetTimestamp();
        var request = new DecisionRequest(subject, subject, Encoding.UTF8.GetBytes(context ?? ""), sent) { At = now, Histories = histories };
        var decision = DecisionEngine.Decide(snapshot, point, request, workspace);
        var took = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        var answers = decision.Blueprint?.Answers;
        return new TestDecision(
            answers is null ? null : AnswerOf(answers, decision.Answer, workspace), decision.Propensity, decision.Reason.Word(),
            decision.Experiment?.ArmKey(decision.Arm), decision.Experiment?.Key, decision.Blueprint?.Version ?? 0,
            decision.ModelNumber == 0 ? null : decision.ModelNumber, decision.Reason.IsDefault(), answers is { TakesCandidates: true } ? CandidatesOf(workspace.Candidates) : OptionsOf(answers?.Options ?? [], workspace),
            answers?.Shape == DecisionShape.Value && workspace.Scores.Length == 1 ? workspace.Scores[0] : null,
            FeaturesOf(decision.Blueprint?.Features ?? [], workspace.Served), took);
    }

    private static object AnswerOf(AnswerSet answers, Answer answer, DecisionWorkspace workspace) => answers.Shape switch
    {
        var shape when shape.TakesCandidates() => Encoding.UTF8.GetString(workspace.Candidates.Id(answer.Option)),
        DecisionShape.Value => answer.Value,
        DecisionShape.Configuration => JsonElement.Parse(answer.Configuration!.Text),
        DecisionShape.Binary => answer.Option == 1,
        _ => answers.Options[answer.Option],
    };

    private static ImmutableArray<TestedOption> OptionsOf(ImmutableArray<string> keys, DecisionWorkspace workspace)
    {
        var options = ImmutableArray.CreateBuilder<TestedOption>(keys.Length);
        for (var i = 0; i < keys.Length; i++)
            options.Add(new(keys[i], i < workspace.Probabilities.Length ? workspace.Probabilities[i] : null, i < workspace.Scores.Length ? workspace.Scores[i] : null));
        return options.MoveToImmutable();
    }

    private static ImmutableArray<TestedOption> CandidatesOf(CandidateSet set)
    {
        var options = ImmutableArray.CreateBuilder<TestedOption>(set.Count);
        for (var place = 0; place < set.Count; place++)
        {
            var candidate = set.Order[place];
            options.Add(new(
                Encoding.UTF8.GetString(set.Id(candidate)), place < set.Propensities.Length ? set.Propensities[place] : null,
                set.Scores.IsEmpty ? null : set.Scores[candidate]));
        }
        return options.MoveToImmutable();
    }

    private static ImmutableArray<TestedFeature> FeaturesOf(ImmutableArray<Feature> features, ReadOnlySpan<byte> served)
    {
        var arrived = ImmutableArray.CreateBuilder<TestedFeature>();
        var reader = new ServedRowReader(served);
        for (var i = 0; i < features.Length && reader.Read(); i++)
        {
            arrived.Add(new(features[i].Name, reader.Kind switch
            {
                ServedKind.Missing => "missing",
                ServedKind.Invalid => "invalid",
                ServedKind.Number => "number",
                ServedKind.Text => "text",
                ServedKind.Tags => "tags",
                ServedKind.Vector => "vector",
                _ => "boolean",
            }, reader.Kind == ServedKind.Invalid ? $"`{features[i].Name}` cannot be read as {Words.Being(features[i].Kind)}, so it counts as missing. {Words.Wanted(features[i])}" : null));
        }
        return arrived.ToImmutable();
    }
}

/// <param name="Probability">That this option is drawn; null where nothing is drawn.</param>
/// <param name="Score">Predicted goal; null without a model.</param>
public sealed record TestedOption(string Key, double? Probability, double? Score);

/// <param name="Arrived">number, boolean, text, tags, vector, missing or invalid.</param>
/// <param name="Fault">What is wrong with an invalid value, and what to send instead; null otherwise.</param>
public sealed record TestedFeature(string Name, string Arrived, string? Fault);
