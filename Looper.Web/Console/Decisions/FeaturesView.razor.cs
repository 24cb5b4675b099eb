using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Monitoring;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Decisions;

public sealed partial class FeaturesView
{
    private const string FirstRange = "24h";

    private static readonly ImmutableArray<(string Name, string Text)> Ranges = [(FirstRange, "24 hours"), ("7d", "7 days"), ("30d", "30 days")];
    private FeatureProfiles? _profiles;
    private Refusal? _refusal;
    private TimeSpan _counted;
    private (string Key, string Range)? _of;
    private readonly Dictionary<string, ElementReference> _links = [];
    private string? _feature, _closed;
    private bool _takesFocus;

    [Parameter, EditorRequired] public required string Key { get; set; }

    /// <summary>How far back, as in the address; null for 24 hours.</summary>
    [Parameter] public string? Range { get; set; }

    /// <summary>The feature whose panel is open.</summary>
    [Parameter] public string? Feature { get; set; }

    /// <summary>The live model beside which features are shown; null for that of the goal.</summary>
    [Parameter] public int? Model { get; set; }

    [Inject] public required FeatureProfileQueries Queries { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private string CurrentRange => Range ?? FirstRange;

    private int Place => Math.Max(0, Models.IndexOf(Models.FirstOrDefault(m => m.Number == Model)!));

    private ImmutableArray<ProfiledModel> Models => _profiles?.Models ?? [];

    private ProfiledModel? Beside => Models.IsEmpty ? null : Models[Place];

    private IReadOnlyList<Row> Rows => [.. _profiles!.Features.Select(f => new Row(f, f.Beside.IsEmpty ? null : f.Beside[Place]))];

    private Row? Opened => Rows.FirstOrDefault(r => r.Profile.Name == Feature);

    protected override async Task OnParametersSetAsync()
    {
        // Who opens a row is led to it; who comes by its address stands at the page's heading.
        var isOpened = _of is not null && Feature is not null && Feature != _feature;
        _closed = Feature is null ? _feature : null;
        (_takesFocus, _feature) = (isOpened, Feature);
        if (_of != (Key, CurrentRange)) await CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_closed is not { } name) return;
        _closed = null;
        if (_profiles is not null && _links.TryGetValue(name, out var link) && Rows.Any(r => r.Profile.Name == name)) await link.FocusAsync(); // back to the row whose panel was closed
    }

    private async Task CountAsync()
    {
        _of = (Key, CurrentRange);
        if (!DurationJson.TryParse(CurrentRange, out _counted))
        {
            _refusal = new("filter.invalid", "The range in the address is not a duration.", "range");
            return;
        }
        (_profiles, _takesFocus) = (null, false);
        var of = _of;
        var counted = await Queries.ListAsync(Caller, Key, _counted, default);
        if (_of != of) return; // another range was chosen meanwhile
        (_profiles, _refusal) = (counted.Value, counted.Refusal);
    }

    private string Address(string? feature, string range) => Navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?> { ["range"] = range == FirstRange ? null : range, ["feature"] = feature });

    private void Choose(string? number) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("model", int.TryParse(number, CultureInfo.InvariantCulture, out var model) && model != Models[0].Number ? model : (int?)null), replace: true);

    private sealed record Row(FeatureProfile Profile, FeatureBeside? Beside);
}
