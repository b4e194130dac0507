// Stands for the SDK's own assembly, so that the fixture needs nothing from outside to be compiled.
using System;
[assembly: System.Reflection.AssemblyVersion("9.0.0.0")]
namespace Microsoft.Xrm.Sdk
{
    public interface IPlugin { void Execute(IServiceProvider serviceProvider); }
}
