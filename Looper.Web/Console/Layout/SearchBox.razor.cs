using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Looper.Web.Console.Layout;

/// <summary>Finds decision points by name or key, and places to go.</summary>
public sealed partial class SearchBox
{
    private const int Most = 8;
    private static readonly ImmutableArray<Found> Actions = [new("New decision point", "/decision-points/new", "add"), new("New experiment", "/experiments/new", "add")];

    private IReadOnlyList<DecisionPointView> _points = [];
    private IReadOnlyList<Found> _found = [];
    private string _text = "";
    private int _at = -1;
    private bool _open;

    [CascadingParameter] public Caller? Caller { get; set; }

    [Inject] public required DecisionPointQueries Points { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private async Task OpenAsync()
    {
        try
        {
            if (Caller is not null) _points = await Points.ListAsync(Caller, default);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            // what was found before, and the places to go, are there all the same
        }
        Find();
    }

    // Bound rather than set: a binding never writes an older text over what was typed meanwhile.
    private void Type(string? text)
    {
        _text = text ?? "";
        Find();
    }

    private void Find()
    {
        var words = _text.Trim();
        bool Holds(string name) => name.Contains(words, StringComparison.OrdinalIgnoreCase);
        var points = _points.Where(point => Holds(point.Name) || Holds(point.Key)).Take(5).Select(point => new Found(point.Name, $"/decision-points/{point.Key}", "alt_route", point.Key));
        var places = Destination.All.Where(place => Caller?.Lacks(place.Needs) is null && Holds(place.Text)).Select(place => new Found(place.Text, place.Href, place.Icon));
        _found = [.. points.Concat(Actions.Where(action => Holds(action.Text))).Concat(places).Take(Most)];
        _at = words.Length > 0 && _found.Count > 0 ? 0 : -1;
        _open = _found.Count > 0;
    }

    private void Key(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown": _at = _found.Count == 0 ? -1 : (_at + 1) % _found.Count; break;
            case "ArrowUp": _at = _found.Count == 0 ? -1 : (_at + _found.Count - (_at < 0 ? 0 : 1)) % _found.Count; break;
            case "Escape": _open = false; break;
            case "Enter" when _at >= 0 && _at < _found.Count: Go(_found[_at]); break;
        }
    }

    private void Go(Found found)
    {
        (_text, _open, _at) = ("", false, -1);
        Navigation.NavigateTo(found.Href);
    }

    private sealed record Found(string Text, string Href, string Icon, string? Note = null);
}
