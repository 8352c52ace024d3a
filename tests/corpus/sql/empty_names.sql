select default(d.`a`), d.``.c from d.t as ``
