namespace Looper.Web.Console.Shared;

/// <summary>A view with an address of its own.</summary>
/// <param name="Note">A count or a word beside it.</param>
public sealed record Tab(string Text, string Href, string? Note = null);
