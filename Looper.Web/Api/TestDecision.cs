using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <param name="Decision">true or false, an option's key, or a number.</param>
/// <param name="Options">Empty for <c>value</c>.</param>
/// <param name="Score">Predicted number of a <c>value</c> decision.</param>
/// <param name="Features">How each feature arrived.</param>
/// <param name="Microseconds">Time the decision itself took.</param>
public sealed record TestDecision(
    object? Decision, double Propensity, string Reason, string? Arm, string? Experiment, int BlueprintVersion, int? ModelVersion, bool IsDefault,
    ImmutableArray<TestedOption> Options, double? Score, ImmutableArray<TestedFeature> Features, double Microseconds)
{
    /// <summary>What would be answered now; the subject of the draw is the unit. Pages and the API ask here.</summary>
    /// <param name="context">Valid JSON, or null for none.</param>
    public static Answered<TestDecision> Make(Caller caller, DecisionEngine engine, string key, string unit, string? context)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(engine);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var snapshot = engine.Current;
        if (snapshot.Find(key) is not { } point) return new Refusal("decision-point.unknown", $"There is no published decision point '{key}'.", "key");
        var workspace = new DecisionWorkspace();
        var subject = Encoding.UTF8.GetBytes(unit);
        var started = Stopwatch.GetTimestamp();
        var decision = DecisionEngine.Decide(snapshot, point, new(subject, subject, Encoding.UTF8.GetBytes(context ?? "")), workspace);
        var took = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        var answers = decision.Blueprint?.Answers;
        return new TestDecision(
            answers is null ? null : AnswerOf(answers, decision.Answer), decision.Propensity, decision.Reason.Word(),
            decision.Experiment?.ArmKey(decision.Arm), decision.Experiment?.Key, decision.Blueprint?.Version ?? 0,
            decision.ModelNumber == 0 ? null : decision.ModelNumber, decision.Reason.IsDefault(), OptionsOf(answers?.Options ?? [], workspace),
            answers?.Shape == DecisionShape.Value && workspace.Scores.Length == 1 ? workspace.Scores[0] : null,
            FeaturesOf(decision.Blueprint?.Features ?? [], workspace.Served), took);
    }

    private static object AnswerOf(AnswerSet answers, Answer answer) => answers.Shape switch
    {
        DecisionShape.Value => answer.Value,
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
                _ => "boolean",
            }));
        }
        return arrived.ToImmutable();
    }
}

/// <param name="Probability">That this option is drawn; null where nothing is drawn.</param>
/// <param name="Score">Predicted goal; null without a model.</param>
public sealed record TestedOption(string Key, double? Probability, double? Score);

/// <param name="Arrived">number, boolean, text, missing or invalid.</param>
public sealed record TestedFeature(string Name, string Arrived);
