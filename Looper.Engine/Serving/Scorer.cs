using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving.Explanations;

namespace Looper.Core.Serving;

/// <summary>Predicts the goal of every option: Σ weight × prediction, a lower-is-better outcome counted against. For <c>value</c>, the
/// prediction of the goal's first outcome.</summary>
internal sealed class Scorer
{
    private readonly ImmutableArray<Term> _terms;
    private readonly int _options;

    private Scorer(ImmutableArray<Term> terms, int options, int modelNumber) => (_terms, _options, ModelNumber) = (terms, options, modelNumber);

    /// <summary>Not every outcome of the goal has a live model yet.</summary>
    public static Scorer None { get; } = new([], 0, 0);

    /// <summary>A live model cannot be read.</summary>
    private static Scorer Broken { get; } = new([], 0, 0) { IsBroken = true };

    public bool IsReady => !_terms.IsEmpty;
    public bool IsBroken { get; private init; }

    /// <summary>Highest number among the models.</summary>
    public int ModelNumber { get; }

    public static Answered<Scorer> Compile(BlueprintContent content, AnswerSet answers, IReadOnlyDictionary<string, LiveModel> models)
    {
        var isValue = answers.Shape == DecisionShape.Value;
        foreach (var term in content.Goal.Terms)
        {
            if (!(term.Weight > 0) || !double.IsFinite(term.Weight))
                return new Refusal("blueprint.invalid", $"goal: the weight of '{term.Outcome}' is not a finite number above zero.", "goal.terms");
            if (content.Outcomes.All(o => o.Name != term.Outcome))
                return new Refusal("blueprint.invalid", $"goal: there is no outcome '{term.Outcome}'.", "goal.terms");
        }
        if (answers.Shape == DecisionShape.Configuration) return None; // no prediction chooses among settings
        ImmutableArray<GoalTerm> goal = isValue ? [.. content.Goal.Terms.Take(1)] : content.Goal.Terms;
        if (goal.IsEmpty || goal.Any(t => !models.ContainsKey(t.Outcome))) return None;
        if (goal.Any(t => !models[t.Outcome].HasOneOutput)) return Broken;
        var terms = goal.Select(t =>
        {
            var model = models[t.Outcome];
            var sign = content.Outcomes.First(o => o.Name == t.Outcome).Better == Direction.Higher ? 1 : -1;
            return new Term(
                OptionPredictor.Compile(model, new(model.Columns, content.Features, answers.Options)), isValue ? 1 : sign * t.Weight,
                t.Outcome, model.Number, model.Columns);
        });
        return new Scorer([.. terms], isValue ? 0 : answers.Options.Length, goal.Max(t => models[t.Outcome].Number));
    }

    /// <summary>Writes the scores of the row as served; false when one is not a finite number.</summary>
    public bool Score(DecisionWorkspace workspace)
    {
        var scores = workspace.ScoreBuffer[..Math.Max(1, _options)];
        var predictions = workspace.PredictionBuffer[..scores.Length];
        scores.Clear();
        foreach (var term in _terms)
        {
            term.Predictor.Predict(workspace, predictions);
            for (var option = 0; option < scores.Length; option++) scores[option] += term.Coefficient * predictions[option];
        }
        foreach (var score in scores)
        {
            if (!double.IsFinite(score)) return false;
        }
        return true;
    }

    /// <summary>What moved the predictions of one option, outcome by outcome.</summary>
    /// <param name="served">The context's features.</param>
    /// <param name="option">Index, or 0 for <c>value</c>.</param>
    public ImmutableArray<OutcomeExplanation> Explain(ReadOnlySpan<byte> served, int option)
    {
        var explained = ImmutableArray.CreateBuilder<OutcomeExplanation>(_terms.Length);
        foreach (var term in _terms)
        {
            var contributions = new double[term.Columns.Length];
            var margin = term.Predictor.Explain(served, option, contributions);
            explained.Add(OutcomeExplanation.Of(term.Outcome, term.Model, term.Coefficient, margin, term.Columns, contributions));
        }
        return explained.MoveToImmutable();
    }

    private readonly record struct Term(OptionPredictor Predictor, double Coefficient, string Outcome, int Model, ImmutableArray<Column> Columns);
}
