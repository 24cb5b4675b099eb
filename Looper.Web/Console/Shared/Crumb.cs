namespace Looper.Web.Console.Shared;

/// <summary>A step of the breadcrumb; the last one is the page itself and has no address.</summary>
public sealed record Crumb(string Text, string? Href = null);
