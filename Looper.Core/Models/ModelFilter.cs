using System.Globalization;
using Looper.Core.Decisions;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Which models a list shows. What is null lets everything through.</summary>
/// <param name="Key">Of one decision point; its list refuses an unknown one.</param>
/// <param name="Text">Part of a decision point's key or name or of the outcome; or a model's number.</param>
/// <param name="State">Only models in this state.</param>
/// <param name="Outcome">Only models of this outcome.</param>
public sealed record ModelFilter(string? Key = null, string? Text = null, ModelState? State = null, string? Outcome = null)
{
    internal IQueryable<ModelOfPoint> Of(IQueryable<Model> models, IQueryable<DecisionPoint> points)
    {
        var (key, state, outcome) = (Key, State, Outcome);
        var rows = models.Join(points, m => m.DecisionPointId, p => p.Id, (m, p) => new { Model = m, p.Key, p.Name })
            .Where(r => (key == null || r.Key == key) && (state == null || r.Model.State == state) && (outcome == null || r.Model.Outcome == outcome));
        if (Text?.Trim() is { Length: > 0 } text)
        {
            var number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var typed) ? typed : -1;
            var part = $"%{Escaped(text.ToLowerInvariant())}%";
            rows = rows.Where(r => r.Model.Number == number || EF.Functions.Like(r.Key.ToLower(), part, "!")
                || EF.Functions.Like(r.Name.ToLower(), part, "!") || EF.Functions.Like(r.Model.Outcome.ToLower(), part, "!"));
        }
        return rows.Select(r => new ModelOfPoint { Model = r.Model, Key = r.Key });
    }

    /// <summary>What was typed means itself.</summary>
    private static string Escaped(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal).Replace("[", "![", StringComparison.Ordinal);

    internal sealed class ModelOfPoint
    {
        public required Model Model { get; init; }

        public required string Key { get; init; }
    }
}

/// <param name="Items">Newest first.</param>
/// <param name="Total">How many match, of which the newest are here.</param>
public sealed record ModelListView(IReadOnlyList<ModelView> Items, int Total);
