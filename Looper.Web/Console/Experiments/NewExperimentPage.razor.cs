using System.Text;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class NewExperimentPage
{
    private readonly OneAtATime _saving = new();
    private IReadOnlyList<DecisionPointView>? _points;
    private FieldErrors _errors = FieldErrors.None;
    private string _name = "", _key = "", _point = "", _hypothesis = "";
    private bool _keyTouched;
    private Comparing _compare;

    [Inject] public required DecisionPointQueries Points { get; init; }

    [Inject] public required VersionQueries Versions { get; init; }

    [Inject] public required ExperimentActions Actions { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    /// <summary>Key of the decision point to begin with.</summary>
    [SupplyParameterFromQuery(Name = "point")] public string? Point { get; set; }

    private string Name
    {
        get => _name;
        set
        {
            _name = value;
            if (!_keyTouched) _key = KeyOf(value);
        }
    }

    private string Key
    {
        get => _key;
        set => (_key, _keyTouched) = (value, true);
    }

    /// <summary>There are options to give each an arm of its own.</summary>
    private bool HasOptions => _points?.FirstOrDefault(p => p.Key == _point)?.Shape.HasOptions() ?? false;

    private string Explained => _compare switch
    {
        Comparing.Baseline => "Half of the units get what the product did before, half get what the blueprint decides.",
        Comparing.Options => "Every option is an arm of its own, with equal shares. The decision point's baseline comes first: the others are compared with it.",
        Comparing.Random => "Half of the units get a random option, half get what the blueprint decides.",
        _ => "Checks that nothing is found where nothing is.",
    };

    protected override async Task OnInitializedAsync()
    {
        var points = await Points.ListAsync(Caller, default);
        _points = [.. points.Where(p => p.CurrentVersion > 0 && !p.IsArchived && p.IsReadable)];
        (_point, _errors) = NewOnPoint.Begin(_points, Point);
    }

    private Task CreateAsync() => _saving.RunAsync(SaveAsync);

    private async Task SaveAsync()
    {
        var (point, plan) = (_point, await PlanAsync());
        var answered = plan.Refusal is { } none ? none : await Actions.CreateAsync(Caller, new(point, _key.Trim(), _name, _hypothesis, plan.Value), default);
        if (answered.Refusal is { } refusal) _errors = new(refusal.Faults.Count > 0 ? refusal.Faults : [refusal]);
        else
        {
            _saving.End();
            Navigation.NavigateTo($"/experiments/{answered.Value}");
        }
    }

    private async Task<Answered<ExperimentPlan>> PlanAsync()
    {
        if (_point.Length == 0) return NewOnPoint.Unchosen;
        var compare = _compare;
        var current = await Versions.ServedAsync(Caller, _point, 0, default);
        return current.Value is { } content ? FirstPlans.Of(compare, content) : current.Refusal! with { Field = "decisionPoint" };
    }

    private static string KeyOf(string name)
    {
        var key = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
        {
            if (c is >= 'a' and <= 'z' or >= '0' and <= '9') key.Append(c);
            else if (key.Length > 0 && key[^1] != '-') key.Append('-');
        }

        return key.ToString().Trim('-');
    }
}
