using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Models;

public sealed partial class WhatIf
{
    private Dictionary<string, string> _values = [];
    private Guid _shown;
    private string? _source;
    private ExplanationView? _explained;
    private Refusal? _refusal;

    [Parameter, EditorRequired] public required ModelDetailView Detail { get; set; }

    [Inject] public required ModelQueries Queries { get; init; }

    [Inject] public required RecentRows Rows { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private PredictionTask Task => Detail.Model.Quality?.Task ?? PredictionTask.Number;

    private Refusal? Denied => Caller.Lacks(Right.ReadRows);

    protected override Task OnParametersSetAsync()
    {
        if (_shown == Detail.Model.Id) return System.Threading.Tasks.Task.CompletedTask;
        _shown = Detail.Model.Id;
        return TypicalAsync();
    }

    private static string IdOf(TypedRow.TypedFeature feature) => $"what-if-{feature.First}";

    private string? Value(Column column) => _values.GetValueOrDefault(column.Name);

    /// <summary>A value that the model does not know can still have been sent.</summary>
    private IEnumerable<string> Categories(Column column) =>
        Value(column) is { } value && !column.Categories.Contains(value) ? column.Categories.Append(value) : column.Categories;

    private bool IsYesNo(Column column) =>
        Value(column) is null or "0" or "1" or "true" or "false" && DependenceCharts.IsYesNo(Detail.Features.FirstOrDefault(f => f.Feature == column.Name)?.Dependence);

    private string? YesNo(Column column) => Value(column) switch { "1" => "true", "0" => "false", var value => value };

    private void Set(string name, string? value)
    {
        if (string.IsNullOrWhiteSpace(value)) _values.Remove(name);
        else _values[name] = value.Trim();
    }

    private Task TypicalAsync()
    {
        _source = "Filled in with ordinary values: the middle number, the commonest category.";
        return FillAsync(Detail.Typical.Select(t => KeyValuePair.Create(t.Feature, t.Value)));
    }

    private async Task RecentAsync()
    {
        var found = await Rows.NewestAsync(Caller, Detail.Model.DecisionPointKey, Detail.Model.Number, default);
        if (found.Refusal is { } refusal)
        {
            (_refusal, _source) = (refusal, null);
            return;
        }
        _source = $"As served to decision `{found.Value!.DecisionId}` on {Shown.Time(found.Value.Time)} UTC.{(found.Value.Masked.IsEmpty ? "" : $" Left empty, because marked personal: {string.Join(", ", found.Value.Masked)}.")}";
        await FillAsync(found.Value.Values);
    }

    private void Clear() => (_values, _explained, _refusal, _source) = ([], null, null, null);

    private Task FillAsync(IEnumerable<KeyValuePair<string, string>> values)
    {
        _values = values.Where(v => v.Value.Length > 0).ToDictionary();
        return ExplainAsync();
    }

    private async Task ExplainAsync()
    {
        var found = await Queries.ExplainAsync(Caller, Detail.Model.DecisionPointKey, Detail.Model.Number, _values, default);
        (_explained, _refusal) = (found.Value ?? _explained, found.Refusal);
    }
}
