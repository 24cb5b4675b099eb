using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Web.Console.Models;

/// <summary>Training settings as they are typed: text that is no number stays as it is and is named as a fault, until it is one.</summary>
public sealed class TrainingForm(TrainingPlan plan)
{
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);

    public TrainingPlan Plan { get; private set; } = plan;

    /// <summary>What could not be read as a number.</summary>
    public IEnumerable<Refusal> Faults => _typed.Select(t => new Refusal("blueprint.invalid", $"`{(t.Value.Length <= 40 ? t.Value : t.Value[..40] + "…")}` is not a number. Write it like 12.5, or leave it empty.", t.Key));

    public void Change(Func<TrainingPlan, TrainingPlan> change) => Plan = change(Plan);

    public void Settings(Func<FixedSettings, FixedSettings> change) => Plan = Plan with { Settings = change(Plan.Settings) };

    public void Gate(Func<GatePlan, GatePlan> change) => Plan = Plan with { Gate = change(Plan.Gate) };

    public void Selection(Func<SelectionPlan, SelectionPlan> change) => Plan = Plan with { Selection = change(Plan.Selection) };

    /// <summary>Another objective for one outcome; the mean is what it has by itself, so that it needs no entry unless its kind suggests another.</summary>
    public void Objective(string outcome, OutcomeTarget? target, double? quantile)
    {
        var others = Plan.Objectives.Where(o => o.Outcome != outcome);
        Plan = Plan with { Objectives = [.. target is { } chosen ? others.Append(new(outcome, chosen) { Quantile = chosen == OutcomeTarget.Quantile ? quantile ?? 0.5 : null }) : others] };
    }

    /// <summary>A number typed into a field; empty clears it where <paramref name="set"/> takes null.</summary>
    /// <param name="field">Path, as refusals name it.</param>
    /// <param name="scale">100 for a field in percent.</param>
    public void Number(string field, string? text, Action<double?> set, double scale = 1)
    {
        _typed.Remove(field);
        if (string.IsNullOrWhiteSpace(text)) set(null);
        else if (double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) set(Math.Round(number / scale, 12));
        else _typed[field] = text.Trim();
    }

    /// <summary>What stands in a field: what was typed where it is no number, else the setting.</summary>
    public string Shown(string field, double? value, double scale = 1) => _typed.TryGetValue(field, out var typed) ? typed : value is { } number ? Words.Number(Math.Round(number * scale, 9)) : "";

    public static int? Whole(double? number) => number is { } n ? (int)Math.Clamp(Math.Round(n), int.MinValue, int.MaxValue) : null;
}
