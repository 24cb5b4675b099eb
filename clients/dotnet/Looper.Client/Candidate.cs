namespace Looper.Client;

/// <summary>One of what a decision point picks from or ranks.</summary>
/// <param name="Id">How the answer names it.</param>
/// <param name="Features">Its feature values by name: anything that JSON can write as an object. Property names are sent as they are.</param>
public sealed record Candidate(string Id, object? Features = null);

/// <summary>A candidate at its place in the answer.</summary>
/// <param name="Id">As it was sent.</param>
/// <param name="Score">Predicted goal; null where no model scored.</param>
/// <param name="Propensity">Probability of standing at this place, given those above; null below the places that are shown.</param>
public sealed record RankedCandidate(string Id, double? Score, double? Propensity);
